package io.rejoin.router.shard;

import io.rejoin.contracts.log.CommandRecord;
import io.rejoin.contracts.log.MalformedRecordException;
import io.rejoin.router.metrics.RouterMeters;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Counts the commands that another reader reads; the shard decides them next. */
public record CountingReader(CommandReader reader, RouterMeters meters) implements CommandReader {
    @Override
    public CommandRecord read(ConsumerRecord<byte[], byte[]> record) throws MalformedRecordException {
        var decoded = reader.read(record);
        meters.countCommands(decoded);
        return decoded;
    }
}
