"""The built-in web chat as a channel; its pages and requests are in web/."""
