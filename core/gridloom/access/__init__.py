"""How people and systems prove who they are: accounts, sessions, clients, tokens."""
