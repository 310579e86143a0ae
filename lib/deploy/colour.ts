/** The two sets of containers of a blue-green deploy. */
export const colours = ['blue', 'green'] as const
export type Colour = (typeof colours)[number]

export function other(colour: Colour): Colour {
  return colour === 'blue' ? 'green' : 'blue'
}
