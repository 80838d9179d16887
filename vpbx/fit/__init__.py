"""Call logs → scenarios, and how well such a scenario foretells another period."""
