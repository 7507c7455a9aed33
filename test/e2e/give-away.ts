import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { SuiGrpcClient } from '@mysten/sui/grpc'
import { Ed25519Keypair } from '@mysten/sui/keypairs/ed25519'
import { Transaction } from '@mysten/sui/transactions'
import type { Machine } from './machine.ts'

const somebody = `0x${'5'.repeat(64)}`

/** Sends all SUI or all WAL of the key `demo` to somebody else. */
export async function giveAway(machine: Machine, coin: 'sui' | 'wal'): Promise<void> {
  const { suiUrl } = await machine.json<{ suiUrl: string }>('devnet', 'status')
  const client = new SuiGrpcClient({ network: 'localnet', baseUrl: suiUrl })
  const signer = Ed25519Keypair.fromSecretKey(
    readFileSync(join(machine.home, 'config/keys/demo'), 'utf8').trim(),
  )
  const owner = signer.toSuiAddress()
  const transaction = new Transaction()
  if (coin === 'sui') {
    transaction.transferObjects([transaction.gas], somebody)
  } else {
    const { balances } = await client.core.listBalances({ owner })
    const { coinType } = balances.find((balance) => balance.coinType.endsWith('::wal::WAL'))!
    const { objects } = await client.core.listCoins({ owner, coinType })
    transaction.transferObjects(
      objects.map(({ objectId }) => objectId),
      somebody,
    )
  }
  const result = await client.core.signAndExecuteTransaction({ transaction, signer })
  if (result.$kind !== 'Transaction') throw new Error(`the ${coin} could not be given away`)
}
