import { RpcError } from './rpc-error.ts'
import { ObjectError, SimulationError } from '@mysten/sui/client'
import type { SuiClientTypes } from '@mysten/sui/client'
import { test } from 'tap'
import {
  ChainError,
  chainErrorOf,
  executionErrorOf,
  isDefinite,
} from '../../src/store/chain/chain-error.ts'
import { missingCoinType, saysNoGas, saysNotOwner } from '../../src/store/chain/chain-words.ts'
import { storeErrorOf } from '../../src/store/chain/store-errors.ts'

/** As full nodes say it (sui-rpc-api, sui-types/src/error.rs). */
const noGas = [
  'Unable to perform gas selection due to insufficient SUI balance (in address balance or coins) for account 0x1 to satisfy required budget 5000.',
  'Balance of gas object 10 is lower than the needed amount: 1000',
  'InsufficientGas',
  'Insufficient Gas.',
  'No valid gas coins found for the transaction.',
]
const others = [
  'Transaction needs to be rebuilt because object 0x1 version 0x2 is unavailable for consumption, current version: 0x3',
  'MoveAbort in 1st command, abort code: 3',
  '',
]

test('the words for too little gas are known, and no others taken for them', async (t) => {
  for (const words of noGas) t.ok(saysNoGas(words), words)
  for (const words of others) t.notOk(saysNoGas(words), words)
})

test('the SDK says which coin is short', async (t) => {
  const words = 'Insufficient balance of 0xab::wal::WAL for owner 0x1. Required: 10, Available: 1'
  t.equal(missingCoinType(words), '0xab::wal::WAL')
  for (const other of others) t.equal(missingCoinType(other), undefined)
})

test('a foreign object is named as such', async (t) => {
  t.ok(
    saysNotOwner(
      'Transaction was not signed by the correct sender: Object 0x5 is owned by account address 0x1, but given owner/signer address is 0x2',
    ),
  )
  for (const words of others) t.notOk(saysNotOwner(words))
})

function codeOf(error: unknown): unknown {
  const known = chainErrorOf(error)
  return known instanceof ChainError ? known.code : known
}

test('gRPC codes decide what may be repeated', async (t) => {
  for (const code of ['UNAVAILABLE', 'DEADLINE_EXCEEDED', 'INTERNAL', 'UNKNOWN', 'DATA_LOSS']) {
    t.equal(codeOf(new RpcError('x', code)), 'unreachable', code)
    t.notOk(isDefinite(new RpcError('x', code)))
  }
  t.equal(codeOf(new RpcError('x', 'INVALID_ARGUMENT')), 'rejected')
  t.equal(codeOf(new RpcError('x', 'NOT_FOUND')), 'not-found')
  t.equal(codeOf(new RpcError(noGas[0]!, 'INVALID_ARGUMENT')), 'no-gas')
  const inside = new SimulationError('x', { cause: new RpcError('x', 'UNAVAILABLE') })
  t.equal(codeOf(inside), 'unreachable', 'the cause of a failed simulation counts')
  t.ok(isDefinite(new SimulationError('x', { cause: new RpcError('x', 'INVALID_ARGUMENT') })))
})

test('what the SDK throws besides is told apart', async (t) => {
  t.equal(codeOf(new ObjectError('notExists', 'x', { reason: 'notFound' })), 'not-found')
  t.equal(codeOf(new ObjectError('INTERNAL', 'x', { reason: 'unknown' })), 'unreachable')
  t.equal(codeOf(new Error('Insufficient balance of T for owner 0x1.')), 'no-coin')
  const other = new TypeError('a bug')
  t.equal(codeOf(other), other, 'a bug stays what it is')
})

function abort(module: string, abortCode: number): SuiClientTypes.ExecutionError {
  const location = { package: '0x1', module }
  return { $kind: 'MoveAbort', message: 'x', MoveAbort: { abortCode: String(abortCode), location } }
}

test('aborts are told apart by module and number', async (t) => {
  const error = executionErrorOf(abort('manifest', 5))
  t.match(error, { code: 'aborted', abort: { package: '0x1', module: 'manifest', code: 5 } })
  for (const [module, number, code] of [
    ['system_state_inner', 3, 'stale-epoch'],
    ['system_state_inner', 2, 'rejected'],
    ['bls_aggregate', 1, 'stale-epoch'],
    ['blob', 2, 'not-found'],
    ['blob', 0, 'rejected'],
    ['balance', 2, 'rejected'],
  ] as const) {
    const simulated = new SimulationError('x', { executionError: abort(module, number) })
    t.match(storeErrorOf(simulated), { name: 'StoreError', code }, `${module} ${number}`)
  }
})

test('a transaction cancelled in a crowd may be tried again', async (t) => {
  const crowd = {
    $kind: 'CongestedObjects',
    message: 'x',
    CongestedObjects: { name: 'x', objects: [] },
  }
  t.equal(executionErrorOf(crowd as SuiClientTypes.ExecutionError).code, 'unreachable')
  const gas = { $kind: 'Unknown', message: 'InsufficientGas', Unknown: null }
  t.equal(executionErrorOf(gas as SuiClientTypes.ExecutionError).code, 'no-gas')
})
