import { UsageError } from '../error.ts'
import type { Host, Inventory } from './inventory.ts'

/** The hosts of a pattern; none where the inventory has nothing that it names: for groups that an environment may lack. */
export function present(inventory: Inventory, pattern: string): readonly Host[] {
  try {
    return inventory.select(pattern)
  } catch (error) {
    if (error instanceof UsageError) return []
    throw error
  }
}
