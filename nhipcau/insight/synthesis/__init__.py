"""The synthesis: the periodic report of a unit as a document, each figure with the query it came from. Pure."""
