import type { Transaction } from '@mysten/sui/transactions'
import type { TransactionPart } from '../blob-store.ts'

/** Adds the commands of all parts. They look at the chain together, so that it is asked once. */
export async function addParts(
  transaction: Transaction,
  parts: readonly TransactionPart[],
): Promise<void> {
  await Promise.all(parts.map(async (part) => part.addTo(transaction)))
}
