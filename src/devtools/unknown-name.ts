/** `known`: the names that the app configures, or has used. */
export function describeUnknownName(name: string, known: readonly string[]): string {
  return `No session "${name}" is configured, and the server has seen none since it started: check the name. Known: ${known.map(each => `"${each}"`).join(', ')}.`
}
