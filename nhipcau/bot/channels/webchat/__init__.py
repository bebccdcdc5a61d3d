"""The built-in web chat as a channel; its page and its HTTP stand in web/."""
