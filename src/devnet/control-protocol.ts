import { nodeDoors, type NodeDoor } from './nodes/route.ts'
import { nodeFaultKinds, type NodeFault, type NodeFaultKind } from './nodes/node-fault.ts'
import { moments, type Moment } from './alarm.ts'
import type { ChainFault } from './chain-view.ts'
import type { DevnetStatus } from './devnet-status.ts'

/**
 * What can be asked of a running devnet: `POST /` on its control door, the request as JSON, with the header
 * `authorization: Bearer TOKEN`. Door and token are in `devnet.json` of its directory.
 */
export type DevnetRequest =
  | { readonly command: 'status' }
  /** Ends epochs; `moving`: the nodes go on with each other's shards; `at`: one epoch, in the middle of something. */
  | {
      readonly command: 'epoch'
      readonly count: number
      readonly moving: boolean
      readonly at?: Moment
      readonly skip?: number
    }
  /** Amounts in MIST and FROST as decimal texts. */
  | {
      readonly command: 'faucet'
      readonly recipient: string
      readonly sui?: string
      readonly wal?: string
    }
  /** A storage node by its number or name. */
  | { readonly command: 'fault'; readonly node: string; readonly fault: NodeFault }
  /** Ends faults: one kind or all, of one node or of all. */
  | { readonly command: 'mend'; readonly node?: string; readonly kind?: NodeFaultKind }
  | { readonly command: 'sui-fault'; readonly fault: ChainFault }
  | { readonly command: 'sui-mend' }
  | { readonly command: 'stop' }

/** What each command answers. */
export interface DevnetResults {
  readonly status: DevnetStatus
  readonly epoch: { readonly epoch: number }
  readonly faucet: Record<string, never>
  readonly fault: Record<string, never>
  readonly mend: Record<string, never>
  readonly 'sui-fault': Record<string, never>
  readonly 'sui-mend': Record<string, never>
  readonly stop: Record<string, never>
}

/** How to reach a running devnet: `devnet.json`, for its owner alone. */
export interface DevnetFile {
  readonly pid: number
  readonly url: string
  readonly token: string
}

export const devnetFileName = 'devnet.json'
export const maxRequestBytes = 1 << 16

/** The request is none that a devnet understands. */
export class RequestError extends Error {
  override readonly name = 'RequestError'
}

type Fields = Readonly<Record<string, unknown>>

/** Checks a request. Throws {@link RequestError}. */
export function parseRequest(text: string): DevnetRequest {
  const fields = objectOf(parseJson(text), 'the request')
  const { command } = fields
  switch (command) {
    case 'status':
    case 'sui-mend':
    case 'stop':
      return { command }
    case 'epoch':
      return epochRequest(fields)
    case 'faucet':
      return { command, recipient: textOf(fields, 'recipient'), ...amounts(fields) }
    case 'fault':
      return { command, node: nodeOf(fields), fault: nodeFault(objectOf(fields['fault'], 'fault')) }
    case 'mend':
      return {
        command,
        ...('node' in fields ? { node: nodeOf(fields) } : {}),
        ...('kind' in fields ? { kind: oneOf(fields, 'kind', nodeFaultKinds) } : {}),
      }
    case 'sui-fault':
      return { command, fault: chainFault(objectOf(fields['fault'], 'fault')) }
    default:
      throw new RequestError(`unknown command ${JSON.stringify(command)}`)
  }
}

function epochRequest(fields: Fields): DevnetRequest {
  const { moving = false } = fields
  if (typeof moving !== 'boolean') throw new RequestError('moving is true or false')
  const count = 'at' in fields ? 1 : wholeNumber(fields, 'count', 1, 10_000)
  return {
    command: 'epoch',
    count,
    moving,
    ...('at' in fields ? { at: oneOf(fields, 'at', moments) } : {}),
    ...('skip' in fields ? { skip: wholeNumber(fields, 'skip', 0, 1_000_000) } : {}),
  }
}

function nodeFault(fields: Fields): NodeFault {
  const kind = oneOf(fields, 'kind', nodeFaultKinds)
  switch (kind) {
    case 'stop':
      return { kind }
    case 'slow':
      return { kind, delayMs: wholeNumber(fields, 'delayMs', 0, 3_600_000), ...scope(fields) }
    case 'error': {
      const status = fields['status'] ?? 500
      if (status !== 500 && status !== 503) throw new RequestError('status is 500 or 503')
      return { kind, status, ...scope(fields) }
    }
    case 'corrupt':
    case 'forget':
    case 'drop':
    case 'hang':
      return { kind, ...scope(fields) }
  }
}

function chainFault(fields: Fields): ChainFault {
  const kind = oneOf(fields, 'kind', ['down', 'hang', 'slow', 'lose-answer', 'stale'] as const)
  switch (kind) {
    case 'down':
      return 'how' in fields
        ? { kind, how: oneOf(fields, 'how', ['refuse', 'unavailable'] as const) }
        : { kind }
    case 'slow':
      return { kind, delayMs: wholeNumber(fields, 'delayMs', 0, 3_600_000) }
    case 'lose-answer':
      return { kind, times: wholeNumber(fields, 'times', 1, 1_000_000) }
    case 'hang':
    case 'stale':
      return { kind }
  }
}

function scope(fields: Fields): { on?: readonly NodeDoor[]; times?: number } {
  const { on } = fields
  if (on !== undefined && !(Array.isArray(on) && on.every(isDoor))) {
    throw new RequestError(`on is a list of ${nodeDoors.join(', ')}`)
  }
  return {
    ...(on === undefined ? {} : { on }),
    ...('times' in fields ? { times: wholeNumber(fields, 'times', 1, 1_000_000) } : {}),
  }
}

function isDoor(value: unknown): value is NodeDoor {
  return nodeDoors.some((door) => door === value)
}

function amounts(fields: Fields): { sui?: string; wal?: string } {
  const amount = (name: 'sui' | 'wal') => {
    if (!(name in fields)) return {}
    const value = textOf(fields, name)
    if (!/^\d{1,20}$/.test(value)) throw new RequestError(`${name} is a whole number as a text`)
    return { [name]: value }
  }
  return { ...amount('sui'), ...amount('wal') }
}

function nodeOf(fields: Fields): string {
  const { node } = fields
  if (typeof node === 'number') return String(node)
  return textOf(fields, 'node')
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new RequestError('the request is not JSON')
  }
}

function objectOf(value: unknown, what: string): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields
  throw new RequestError(`${what} is to be an object`)
}

function textOf(fields: Fields, name: string): string {
  const value = fields[name]
  if (typeof value === 'string' && value !== '') return value
  throw new RequestError(`${name} is to be a text`)
}

function wholeNumber(fields: Fields, name: string, least: number, most: number): number {
  const value = fields[name]
  if (Number.isInteger(value) && (value as number) >= least && (value as number) <= most)
    return value as number
  throw new RequestError(`${name} is to be a whole number from ${least} to ${most}`)
}

function oneOf<T extends string>(fields: Fields, name: string, values: readonly T[]): T {
  const value = values.find((one) => one === fields[name])
  if (value !== undefined) return value
  throw new RequestError(`${name} is one of ${values.join(', ')}`)
}
