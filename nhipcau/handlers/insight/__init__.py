"""Figures of a period and trends, as a coordinator or leader reads them in the chat."""
