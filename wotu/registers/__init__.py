"""What an app can declare (column, verb, measure, rule) and where the shell and the other apps find it.

An app's `AppConfig.ready` names its declarations by calling `declare(...)`; nothing is found by import order.
"""
