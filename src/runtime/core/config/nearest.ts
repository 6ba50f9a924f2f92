/** The candidate with the fewest different letters, if these are at most two. */
export function nearestOf(word: string, candidates: readonly string[]): string | undefined {
  const found = candidates.map(candidate => ({ candidate, distance: distanceOf(plain(word), plain(candidate)) }))
    .filter(({ candidate, distance }) => distance <= Math.min(2, candidate.length / 2))
    .toSorted((one, other) => one.distance - other.distance)
  return found[0]?.candidate
}

function plain(word: string): string {
  return word.replaceAll(/[^a-z\d]/gi, '').toLowerCase()
}

/** How many letters must be changed, added or removed (Levenshtein's distance). */
function distanceOf(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index)
  for (let at = 0; at < one.length; at++) {
    const next = [at + 1]
    for (let index = 0; index < other.length; index++)
      next.push(Math.min(next[index]! + 1, row[index + 1]! + 1, row[index]! + (one[at] === other[index] ? 0 : 1)))
    row = next
  }
  return row.at(-1)!
}
