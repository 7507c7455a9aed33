import { normalizeStructTag } from '@mysten/sui/utils'
import type { EventFacts, TransactionFacts } from '../ledger/facts.ts'
import type { G } from '../proto/grpc-types.ts'
import { RpcCode, RpcFailure } from '../rpc-failure.ts'
import { requestedId } from './reads.ts'

/** Whether a transaction is wanted. */
export type TransactionPredicate = (facts: TransactionFacts) => boolean
/** Whether an event of a transaction is wanted. */
export type EventPredicate = (facts: TransactionFacts, event: EventFacts) => boolean

/** A filter in disjunctive normal form: some term all of whose literals hold. Throws INVALID_ARGUMENT. */
export function transactionPredicate(
  filter: G.TransactionFilter | undefined,
): TransactionPredicate {
  if (!filter || filter.terms.length === 0) return () => true
  const terms = filter.terms.map((term) =>
    term.literals.map(({ negated, predicate }) => {
      const holds = transactionLiteral(predicate)
      return (facts: TransactionFacts) => holds(facts) !== negated
    }),
  )
  return (facts) => terms.some((literals) => literals.every((literal) => literal(facts)))
}

export function eventPredicate(filter: G.EventFilter | undefined): EventPredicate {
  if (!filter || filter.terms.length === 0) return () => true
  const terms = filter.terms.map((term) =>
    term.literals.map(({ negated, predicate }) => {
      const holds = eventLiteral(predicate)
      return (facts: TransactionFacts, event: EventFacts) => holds(facts, event) !== negated
    }),
  )
  return (facts, event) =>
    terms.some((literals) => literals.every((literal) => literal(facts, event)))
}

function transactionLiteral(predicate: G.TransactionLiteral['predicate']): TransactionPredicate {
  switch (predicate.oneofKind) {
    case 'sender': {
      const address = requestedId(predicate.sender.address, 'sender')
      return (facts) => facts.sender === address
    }
    case 'affectedAddress': {
      const address = requestedId(predicate.affectedAddress.address, 'affected_address')
      return (facts) => facts.sender === address || facts.addresses.includes(address)
    }
    case 'affectedObject': {
      const id = requestedId(predicate.affectedObject.objectId, 'affected_object')
      return (facts) => facts.objects.includes(id)
    }
    case 'moveCall': {
      const path = movePath(predicate.moveCall.function)
      return (facts) => facts.calls.some((call) => isUnder(call, path, '::'))
    }
    case 'emitModule': {
      const path = movePath(predicate.emitModule.module)
      return (facts) => facts.events.some((event) => isUnder(event.module, path, '::'))
    }
    case 'eventType': {
      const type = typePath(predicate.eventType.eventType)
      return (facts) => facts.events.some((event) => isOfType(event.type, type))
    }
    case 'packageWrite':
      return (facts) => facts.publishes
    case 'eventStreamHead':
    case undefined:
      throw unsupported(predicate.oneofKind)
  }
}

function eventLiteral(predicate: G.EventLiteral['predicate']): EventPredicate {
  switch (predicate.oneofKind) {
    case 'sender': {
      const address = requestedId(predicate.sender.address, 'sender')
      return (facts) => facts.sender === address
    }
    case 'emitModule': {
      const path = movePath(predicate.emitModule.module)
      return (_, event) => isUnder(event.module, path, '::')
    }
    case 'eventType': {
      const type = typePath(predicate.eventType.eventType)
      return (_, event) => isOfType(event.type, type)
    }
    case 'eventStreamHead':
    case undefined:
      throw unsupported(predicate.oneofKind)
  }
}

function unsupported(kind: string | undefined): RpcFailure {
  return new RpcFailure(RpcCode.invalidArgument, `unsupported filter: ${kind ?? 'none'}`)
}

/** `package[::module[::name]]`, the package in full. */
function movePath(text: string | undefined): string {
  const [id, ...names] = (text ?? '').split('::')
  return [requestedId(id, 'filter'), ...names].join('::')
}

/** Like a path, but a whole type may have arguments. */
function typePath(text: string | undefined): string {
  return (text ?? '').split('::').length < 3 ? movePath(text) : normalizeStructTag(text!)
}

function isUnder(name: string, path: string, separator: string): boolean {
  return name === path || name.startsWith(path + separator)
}

function isOfType(type: string, wanted: string): boolean {
  return isUnder(type, wanted, '::') || isUnder(type, wanted, '<')
}
