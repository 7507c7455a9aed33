import { parseObjectId } from '../../terms/object-id.ts'

/** The package of the WAL coin. */
export const walPackage = parseObjectId(
  '0x8190b041122eb492bf63cb464476bd68c6b7e570a4079645a8b28732b6197a82',
)

/** The first version of the Walrus package: the name of its types. */
export const walrusOriginal = parseObjectId(
  '0x795ddbc26b8cfff2551f45e198b87fc19473f2df50f995376b924ac80e56f88b',
)

/** The present version of the Walrus package: where its functions are called. */
export const walrusPackage = parseObjectId(
  '0xa998b8719ca1c0a6dc4e24a859bbb39f5477417f71885fbf2967a6510f699144',
)

/** The version of {@link walrusPackage}, which `System` names. */
export const walrusVersion = 3n

export const walType = `${walPackage}::wal::WAL`
