"""Other ways to write a rule down: spreadsheet, JSON schema, readable text, diagram."""
