import type { Axis } from '../../redstuff/codec.ts'
import { noSymbolsSpecified, noTargetsSpecified } from './api-error.ts'
import { axisOf, RouteError, u16Of } from './route.ts'

/** A cell of a blob's matrix. */
export interface SymbolId {
  readonly primary: number
  readonly secondary: number
}

/** Which symbols with proofs are asked for. */
export interface RecoveryQuery {
  /** Those, or all that a node has for one target. */
  readonly wanted:
    | { readonly kind: 'ids'; readonly ids: readonly SymbolId[] }
    | { readonly kind: 'target'; readonly axis: Axis; readonly index: number }
  /** The axis of the slivers that the proofs are to start from; either when undefined. */
  readonly proofAxis: Axis | undefined
}

/** Understands the query of `recoverySymbols`. */
export function parseRecoveryQuery(query: URLSearchParams): RecoveryQuery {
  const proof = query.get('proofAxis')
  const proofAxis = proof === null ? undefined : axisOf(proof)
  const ids = query.getAll('id').map(symbolIdOf)
  if (ids.length > 0) return { wanted: { kind: 'ids', ids }, proofAxis }
  const target = query.get('targetSliver')
  if (target === null) throw noSymbolsSpecified()
  const axis = axisOf(query.get('targetType') ?? '')
  return { wanted: { kind: 'target', axis, index: u16Of(target) }, proofAxis }
}

/** Which symbols without proofs are asked for: slivers to be recovered, and their axis. */
export interface DecodingQuery {
  readonly axis: Axis
  /** Ascending, each once. */
  readonly targets: readonly number[]
}

/** Understands the query of `decodingSymbols`. */
export function parseDecodingQuery(query: URLSearchParams): DecodingQuery {
  const targets = new Set(query.getAll('targetSlivers').map(u16Of))
  if (targets.size === 0) throw noTargetsSpecified()
  const axis = axisOf(query.get('targetType') ?? '')
  return { axis, targets: [...targets].sort((a, b) => a - b) }
}

function symbolIdOf(text: string): SymbolId {
  const match = /^(\d+)-(\d+)$/.exec(text)
  if (!match) throw new RouteError(400, 'Failed to deserialize query string: an id is `p-s`')
  return { primary: u16Of(match[1]!), secondary: u16Of(match[2]!) }
}
