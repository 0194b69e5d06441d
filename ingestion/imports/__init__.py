"""CSV imports of organizations, subscriptions and dismissals."""
