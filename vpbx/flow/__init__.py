"""The call flow as a graph: goals and keys, key paths, lint, drawings and exports.

Belongs here: whatever can be said of a scenario's flow without running it; the one home of
networkx. Does not belong here: how queues behave over time.
"""
