"""The office's decisions, each a pure function: (actor, subject, input) → changes or a refusal.

Chat and command line call the same functions and only display the result.
"""
