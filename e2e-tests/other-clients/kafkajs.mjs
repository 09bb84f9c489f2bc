// KafkaJS against a broker: arguments are its address and a prefix for names. Ends with 0 and "done", or with what went wrong.
import assert from 'node:assert/strict'
import kafkajs from 'kafkajs'

const { ConfigResourceTypes, CompressionTypes, Kafka, logLevel } = kafkajs
const [bootstrap, prefix] = process.argv.slice(2)
const source = `${prefix}-source`
const target = `${prefix}-target`
const kafka = new Kafka({ clientId: prefix, brokers: [bootstrap], logLevel: logLevel.ERROR })

async function administer (admin) {
  await admin.connect()
  const cluster = await admin.describeCluster()
  assert.equal(cluster.brokers.length, 1)
  assert.ok(await admin.createTopics({
    topics: [{ topic: source, numPartitions: 2, configEntries: [{ name: 'retention.ms', value: '3600000' }] }, { topic: target, numPartitions: 1 }]
  }))
  const described = await admin.describeConfigs({
    includeSynonyms: false,
    resources: [{ type: ConfigResourceTypes.TOPIC, name: source, configNames: ['retention.ms'] }]
  })
  assert.equal(described.resources[0].configEntries[0].configValue, '3600000')
  await admin.createPartitions({ topicPartitions: [{ topic: source, count: 3 }] })
  const metadata = await admin.fetchTopicMetadata({ topics: [source] })
  assert.equal(metadata.topics[0].partitions.length, 3)
}

async function produce () {
  const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1 })
  await producer.connect()
  for (let i = 0; i < 30; i++) {
    await producer.send({
      topic: source,
      acks: -1,
      compression: i % 2 ? CompressionTypes.GZIP : CompressionTypes.None,
      messages: [{ partition: i % 3, key: `k${i}`, value: `v${i}`, headers: { number: `${i}` } }]
    })
  }
  await producer.disconnect()
}

/** Reads in a group and hands each record over, until there were so many. */
async function consume (groupId, topic, count, config, each) {
  const consumer = kafka.consumer({ groupId, sessionTimeout: 10000, rebalanceTimeout: 10000, ...config })
  await consumer.connect()
  await consumer.subscribe({ topics: [topic], fromBeginning: true })
  const values = []
  await new Promise((resolve, reject) => {
    consumer.on(consumer.events.CRASH, event => reject(event.payload.error))
    consumer.run({
      autoCommit: config.autoCommit ?? true,
      eachMessage: async record => {
        values.push(record.message.value.toString())
        await each?.(record)
        if (values.length === count) resolve()
      }
    }).catch(reject)
  })
  await consumer.disconnect()
  return values
}

/** Each record is copied with its offset in a transaction; every third transaction is aborted first and done again. */
async function copy () {
  const producer = kafka.producer({ transactionalId: `${prefix}-copy`, idempotent: true, maxInFlightRequests: 1 })
  await producer.connect()
  const group = `${prefix}-copiers`
  let number = 0
  await consume(group, source, 30, { autoCommit: false }, async ({ topic, partition, message }) => {
    const work = async end => {
      const transaction = await producer.transaction()
      await transaction.send({ topic: target, messages: [{ key: message.key, value: message.value }] })
      await transaction.sendOffsets({
        consumerGroupId: group,
        topics: [{ topic, partitions: [{ partition, offset: String(BigInt(message.offset) + 1n) }] }]
      })
      await transaction[end]()
    }
    if (number++ % 3 === 0) await work('abort')
    await work('commit')
  })
  await producer.disconnect()
}

const admin = kafka.admin()
await administer(admin)
await produce()
const read = await consume(`${prefix}-readers`, source, 30, {}, record => assert.equal(`v${record.message.headers.number}`, record.message.value.toString()))
assert.equal(new Set(read).size, 30)
await copy()
const copied = await consume(`${prefix}-checkers`, target, 30, { readUncommitted: false })
assert.deepEqual(copied.sort(), read.sort())
const [offsets] = await admin.fetchOffsets({ groupId: `${prefix}-copiers`, topics: [source] })
assert.deepEqual(offsets.partitions.map(each => each.offset), ['10', '10', '10'])
const groups = await admin.describeGroups([`${prefix}-copiers`])
assert.equal(groups.groups[0].state, 'Empty')
await admin.deleteGroups([`${prefix}-copiers`])
await admin.deleteTopics({ topics: [source, target] })
assert.ok(!(await admin.listTopics()).includes(source))
await admin.disconnect()
console.log('done')
