"""The plugin contract: frozen values, six hooks, one caller. Imports nothing of Gridloom outside this folder."""
