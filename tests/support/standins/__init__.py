"""Stand-ins of outside services, over real sockets: they refuse what the services refuse."""
