"""What the office decides, each decision once: a pure function from who acts, on what, with what input, to changes or a
refusal. Chat, command line, console and API only put the result into words.
"""
