"""Checks of what Google would refuse, before anything is sent: pure functions over arguments and facts.

An argument that is not known yet is None and is not checked. Nothing here uses the network.
"""
