"""AgentLab's api: similarity search over pgvector, cached in Redis, with WebSockets."""
