/** What a drive's storage cost in this month, and may cost. Amounts are FROST (1e-9 WAL), decimal. */
export interface BudgetStatus {
  /** Calendar month, UTC: `2026-11`. */
  readonly month: string
  /** Undefined: no limit. */
  readonly limit: string | undefined
  readonly spent: string
  /** Of it, for new packs, and for packs that last longer. */
  readonly stored: string
  readonly renewed: string
  /** 80 % of the limit or more. */
  readonly near: boolean
  /** A commit waits, as it would cost more than is left: since when, and what it costs. */
  readonly held: { readonly sinceMs: number; readonly cost: string } | undefined
}
