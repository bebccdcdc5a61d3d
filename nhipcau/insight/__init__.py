"""What answers and boards look like: pictures for phones, made beside the text and from the same facts."""
