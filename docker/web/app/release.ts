/** Which release this process is, read when asked: the same build serves under many release names. */
export interface Release {
  readonly release: string
  readonly colour: string
}

export function release(): Release {
  return { release: process.env.RELEASE || 'dev', colour: process.env.COLOUR || 'none' }
}
