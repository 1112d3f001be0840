"""Screens about people: who acts, whose PIN confirms, and who works here."""
