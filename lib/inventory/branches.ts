import type { ErrorObject } from 'ajv'

/**
 * Of an anyOf or oneOf that failed, either what it says itself ("expected text or an integer") or, where a branch was
 * right about the kind of value, what that branch says about the inside; never both.
 */
export function withoutBranches(errors: readonly ErrorObject[]): readonly ErrorObject[] {
  const choices = errors.filter(({ keyword }) => keyword === 'anyOf' || keyword === 'oneOf')
  const entered = new Set(choices.filter((choice) => errors.some((error) => inside(choice, error))))
  return errors.filter((error) => {
    if (entered.has(error)) return false
    return !choices.some((choice) => within(choice, error) && !inside(choice, error))
  })
}

/** A complaint of one of the choice's branches. */
function within(choice: ErrorObject, error: ErrorObject): boolean {
  return (
    error.schemaPath.startsWith(`${choice.schemaPath}/`) && error.instancePath.startsWith(choice.instancePath)
  )
}

/** A complaint of a branch about what is in the value, not about the value's own kind. */
function inside(choice: ErrorObject, error: ErrorObject): boolean {
  const aboutKeys = ['additionalProperties', 'required', 'secret'].includes(error.keyword)
  return within(choice, error) && (aboutKeys || error.instancePath !== choice.instancePath)
}
