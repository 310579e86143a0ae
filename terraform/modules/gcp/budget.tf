# Whom a budget tells is by notification channels; those of billing administrators hear without one.
resource "google_monitoring_notification_channel" "budget" {
  for_each = toset(var.budget == null ? [] : var.budget.emails)

  display_name = "Budget of ${var.name}: ${each.value}"
  type         = "email"
  labels       = { email_address = each.value }
}

resource "google_billing_budget" "month" {
  count = var.budget == null ? 0 : 1

  billing_account = var.budget.account
  display_name    = var.name

  budget_filter {
    labels          = { project = var.name }
    calendar_period = "MONTH"
  }

  amount {
    specified_amount {
      units = tostring(floor(var.budget.monthly))
    }
  }

  threshold_rules {
    threshold_percent = 0.8
  }

  all_updates_rule {
    monitoring_notification_channels = [for channel in google_monitoring_notification_channel.budget : channel.id]
  }

  lifecycle {
    precondition {
      condition     = var.budget.account != null
      error_message = "A budget at Google is a billing account's: budget.account."
    }
  }
}
