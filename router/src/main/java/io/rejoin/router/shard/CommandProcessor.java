package io.rejoin.router.shard;

import io.rejoin.contracts.log.Command;
import io.rejoin.contracts.log.CommandBatch;
import io.rejoin.contracts.log.CommandRecord;
import io.rejoin.contracts.log.CommandRecord.Item;
import io.rejoin.contracts.log.MalformedRecordException;
import io.rejoin.router.core.Output;
import io.rejoin.router.core.Shard;
import io.rejoin.tracing.TraceHeaders;
import io.rejoin.tracing.Tracing;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Passes command records to a shard, and the shard's outputs to the emitter. Commands that cannot be used become dead
 * letters. Confined to the shard's thread.
 */
final class CommandProcessor {
    private static final Logger log = LoggerFactory.getLogger(CommandProcessor.class);
    /** The start of the reason in such a dead letter. The tool that replays dead letters recognises it. */
    private static final String POISON_REASON = "made the router fail " + PoisonDetector.MAX_FAILURES + " times";

    private final int partition;
    private final Shard shard;
    private final CommandReader reader;
    private final Emitter emitter;
    private final Tracing tracing;

    CommandProcessor(int partition, Shard shard, CommandReader reader, Emitter emitter, Tracing tracing) {
        this.partition = partition;
        this.shard = shard;
        this.reader = reader;
        this.emitter = emitter;
        this.tracing = tracing;
    }

    /**
     * Carries out the commands of these records, at least one, and emits the outputs.
     *
     * @throws PoisonException when a command made the shard fail, or an output could not be encoded. Then none of the
     *                         outputs of these records was sent, except dead letters of commands that cannot be used.
     *                         The shard may be half changed, so the caller must give it up
     */
    void process(List<ConsumerRecord<byte[], byte[]>> records) {
        var firstOffset = records.getFirst().offset();
        var lastOffset = firstOffset;
        var traced = new TracedCommands(tracing);
        try {
            var outputs = new ArrayList<Output>();
            for (var record : records) {
                firstOffset = record.offset();
                lastOffset = firstOffset;
                outputs.addAll(outputs(record, traced));
            }
            firstOffset = records.getFirst().offset();
            emitter.emit(outputs, traced);
            traced.end();
        } catch (RuntimeException e) {
            traced.endWithFailure(e);
            throw new PoisonException(firstOffset, lastOffset, e);
        }
    }

    /**
     * Carries out the commands of one record one by one. The outputs and their numbers are the same as if {@link
     * #process} had carried out the same commands at once, so edges and readers recognise repetitions.
     *
     * @param skippedIndexes indexes of commands to skip; {@link PoisonException#UNKNOWN_INDEX} stands for the whole
     *                       record
     * @throws PoisonException when a command failed; nothing of that command was sent
     */
    void processOneByOne(ConsumerRecord<byte[], byte[]> record, Set<Integer> skippedIndexes) {
        if (!skippedIndexes.isEmpty())
            log.atError().addKeyValue("partition", partition).addKeyValue("offset", record.offset())
                    .addKeyValue("indexes", skippedIndexes)
                    .log("a command made its shard fail repeatedly: the router skips the command and keeps it as a dead"
                            + " letter. Report this bug of the router");
        if (skippedIndexes.contains(PoisonException.UNKNOWN_INDEX)) {
            emitter.deadLetter(record, POISON_REASON);
            return;
        }
        var index = PoisonException.UNKNOWN_INDEX;
        try {
            var decoded = read(record, skippedIndexes);
            if (decoded.isEmpty()) return;
            var version = decoded.get().v();
            var items = decoded.get().items();
            var emptyBatch = new CommandBatch(version, List.of()); // the shard learns the version
            var sentCount = shard.apply(record.offset(), record.timestamp(), emptyBatch).size();
            for (index = 0; index < items.size(); index++) {
                if (!(items.get(index) instanceof Item.Usable(var command))) continue;
                var outputs = shard.apply(record.offset(), record.timestamp(),
                        new CommandBatch(version, List.of(command)), sentCount);
                emitter.emit(outputs);
                sentCount += outputs.size();
            }
        } catch (RuntimeException e) {
            throw new PoisonException(record.offset(), index, e);
        }
    }

    private List<Output> outputs(ConsumerRecord<byte[], byte[]> record, TracedCommands traced) {
        var contexts = TraceHeaders.ofEntries(record.headers());
        return read(record, Set.of()).map(decoded -> contexts.isEmpty()
                ? shard.apply(record.offset(), record.timestamp(), usableCommands(decoded))
                : outputs(record, decoded, contexts, traced)).orElse(List.of());
    }

    /** The outputs of a record, command by command, to know which outputs belong to a traced command. */
    private List<Output> outputs(ConsumerRecord<byte[], byte[]> record, CommandRecord decoded,
            Map<Integer, String> contexts, TracedCommands traced) {
        var emptyBatch = new CommandBatch(decoded.v(), List.of()); // the shard learns the version
        var outputs = new ArrayList<>(shard.apply(record.offset(), record.timestamp(), emptyBatch));
        for (var index = 0; index < decoded.items().size(); index++) {
            if (!(decoded.items().get(index) instanceof Item.Usable(var command))) continue;
            var step = traced.begin(record, contexts.get(index));
            var batch = new CommandBatch(decoded.v(), List.of(command));
            var commandOutputs = shard.apply(record.offset(), record.timestamp(), batch, outputs.size());
            traced.addOutputs(step, commandOutputs);
            outputs.addAll(commandOutputs);
        }
        return outputs;
    }

    private static CommandBatch usableCommands(CommandRecord record) {
        var commands = new ArrayList<Command>(record.items().size());
        for (var item : record.items()) {
            if (item instanceof Item.Usable(var command)) commands.add(command);
        }
        return new CommandBatch(record.v(), commands);
    }

    /**
     * The commands of a record; empty if the record is malformed. Commands that are unusable or skipped are kept as
     * dead letters.
     */
    private Optional<CommandRecord> read(ConsumerRecord<byte[], byte[]> record, Set<Integer> skippedIndexes) {
        try {
            var decoded = reader.read(record);
            var items = new ArrayList<>(decoded.items());
            for (var index : skippedIndexes) items.set(index, new Item.Unusable(POISON_REASON));
            var reasons = new TreeMap<Integer, String>();
            for (var index = 0; index < items.size(); index++) {
                if (items.get(index) instanceof Item.Unusable(var reason)) reasons.put(index, reason);
            }
            if (!reasons.isEmpty()) keepAsDeadLetters(record, reasons);
            return Optional.of(new CommandRecord(decoded.v(), items));
        } catch (MalformedRecordException e) {
            log.atWarn().addKeyValue("partition", partition).addKeyValue("offset", record.offset())
                    .addKeyValue("reason", e.getMessage())
                    .log("the router cannot use a command record and keeps it as a dead letter");
            emitter.deadLetter(record, String.valueOf(e.getMessage()));
            return Optional.empty();
        }
    }

    private void keepAsDeadLetters(ConsumerRecord<byte[], byte[]> record, SequencedMap<Integer, String> reasons) {
        log.atWarn().addKeyValue("partition", partition).addKeyValue("offset", record.offset())
                .addKeyValue("commands", reasons.size()).addKeyValue("index", reasons.firstEntry().getKey())
                .addKeyValue("reason", reasons.firstEntry().getValue())
                .log("the router cannot use some commands of a record: it keeps these as dead letters and carries out"
                        + " the others");
        emitter.deadLetters(record, reasons);
    }
}
