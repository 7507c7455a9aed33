/** The numbers from 0 to count - 1 in a random order. */
export function shuffled(count: number): number[] {
  const numbers = Array.from({ length: count }, (_, k) => k)
  for (let last = count - 1; last > 0; last--) {
    const other = Math.floor(Math.random() * (last + 1))
    ;[numbers[last], numbers[other]] = [numbers[other]!, numbers[last]!]
  }
  return numbers
}
