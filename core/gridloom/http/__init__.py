"""GraphQL over HTTP, live updates, sign-in and token endpoints, the web app's files, health."""
