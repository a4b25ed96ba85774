"""Dialogs; every one is opened, none is waited for."""
