resource "azurerm_consumption_budget_resource_group" "month" {
  count = var.budget == null ? 0 : 1

  name              = var.name
  resource_group_id = azurerm_resource_group.this.id
  amount            = var.budget.monthly
  time_grain        = "Monthly"

  time_period {
    start_date = "${var.budget.since}T00:00:00Z"
  }

  notification {
    operator       = "GreaterThan"
    threshold      = 80
    contact_emails = var.budget.emails
  }
}
