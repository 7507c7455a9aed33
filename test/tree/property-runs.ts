/**
 * How fast-check tries a property: so many times, always with the same values, so that a run says of the code and not
 * of its luck whether it is right. WALRUSFS_PROPERTY_RUNS=N tries N new values instead.
 */
export function propertyRuns(numRuns: number): { numRuns: number; seed?: number } {
  const wanted = process.env['WALRUSFS_PROPERTY_RUNS']
  return wanted ? { numRuns: Number(wanted) } : { numRuns, seed: 20_260_101 }
}
