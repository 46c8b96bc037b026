"""From a clause to money in the account, once: policies, editions, evidence, screenings."""
