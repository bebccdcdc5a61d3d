"""What each thing a person does leads to.

`decide` and everything it calls is pure; `dispatch.py` is the transaction around it, `asking.py` what a
request does to people.
"""
