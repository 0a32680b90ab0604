import type { AuditActor, AuditEntry, AuditLog } from './audit.ts'

/** What stored secrets are read for. MOVE and CHECK are an operator's. */
export type SecretPurpose = 'TEST' | 'PREVIEW' | 'LIST' | 'SAVE' | 'MOVE' | 'CHECK'

/** A connector, as far as is known of it. */
export interface NamedConnector {
  readonly id: string
  readonly name?: string
  readonly typeName?: string
}

/** Stored values are read only by somebody who has one of these: the audit log is told before. */
export interface SecretReading {
  /** Throws when it cannot be written: then nothing is read. */
  before(connector: NamedConnector): Promise<void>
}

export interface AuditedReadingOptions {
  readonly audit: Pick<AuditLog, 'note' | 'noteOften'>
  readonly actor: AuditActor
  readonly purpose: SecretPurpose
  /** What the secrets are read for, told of together with it. */
  readonly act?: (connector: NamedConnector | null) => AuditEntry
  /** For what is about to be refused, most likely: it must not fill the log. */
  readonly isOften?: boolean
}

/** Tells of one act and of the secrets that it reads, each connector's once, in one transaction where it can be. */
export class AuditedReading implements SecretReading {
  readonly #options: AuditedReadingOptions
  readonly #connectors = new Set<string>()
  #isActTold: boolean

  constructor(options: AuditedReadingOptions) {
    this.#options = options
    this.#isActTold = options.act === undefined
  }

  async before(connector: NamedConnector): Promise<void> {
    if (this.#connectors.has(connector.id)) return
    const { audit, actor, isOften } = this.#options
    const read = this.#readOf(connector)
    if (isOften) await audit.noteOften(actor, read)
    else await audit.note(actor, ...this.#untoldAct(connector), read)
    if (!isOften) this.#isActTold = true
    this.#connectors.add(connector.id)
  }

  /** Tells of the act where no secret had to be read for it; to be called before it is done. */
  async begin(connector: NamedConnector | null): Promise<void> {
    if (this.#isActTold) return
    await this.#options.audit.note(this.#options.actor, ...this.#untoldAct(connector))
    this.#isActTold = true
  }

  #untoldAct(connector: NamedConnector | null): readonly AuditEntry[] {
    const { act } = this.#options
    return act && !this.#isActTold ? [act(connector)] : []
  }

  #readOf({ id, name, typeName }: NamedConnector): AuditEntry {
    const { purpose } = this.#options
    return {
      action: 'READ_SECRET',
      target: { kind: 'CONNECTOR', id, name: name ?? null },
      details: { purpose, ...(typeName && { connectorType: typeName }) },
    }
  }
}
