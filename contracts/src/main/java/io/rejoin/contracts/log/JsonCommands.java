package io.rejoin.contracts.log;

import io.rejoin.contracts.log.CommandRecord.Item;
import java.util.ArrayList;
import java.util.List;

/**
 * Codec of command records of versions 1 to 3: a JSON object with the version under {@code v} and a list under
 * {@code commands}. Readers ignore unknown fields. Version 4, the present one, is binary: see {@link CommandCodec}.
 *
 * <p>The topic keeps JSON records, so every later version must be able to read them. Routers still write JSON for some
 * of their own commands: a record of an earlier version does not change the rules of a shard.
 */
final class JsonCommands {
    /** The last version in JSON. */
    static final int LAST_VERSION = 3;

    private static final String COMMANDS = "commands";

    private record Commands(int v, List<Command> commands) {
        private Commands {
            commands = List.copyOf(commands);
        }
    }

    private JsonCommands() {}

    static byte[] write(int version, List<? extends Command> commands) {
        return LogCodec.write(new Commands(version, List.copyOf(commands)));
    }

    static CommandRecord read(byte[] value) throws MalformedRecordException {
        try {
            var read = LogCodec.read(value, Commands.class);
            check(read.v());
            return new CommandRecord(read.v(), read.commands().stream().<Item>map(Item.Usable::new).toList());
        } catch (MalformedRecordException wholeFailure) {
            // Usually the whole record is read at once, which is faster. A bad command is rare, and only then are the
            // commands read one by one, so that the good ones are still used.
            return readOneByOne(value, wholeFailure);
        }
    }

    private static CommandRecord readOneByOne(byte[] value, MalformedRecordException wholeFailure)
            throws MalformedRecordException {
        var elements = elements(value, wholeFailure);
        var envelope = LogCodec.read(elements.with(List.of()), Commands.class);
        check(envelope.v());
        if (!envelope.commands().isEmpty()) throw wholeFailure;
        var items = new ArrayList<Item>();
        for (var i = 0; i < elements.count(); i++) {
            try {
                items.add(new Item.Usable(LogCodec.read(elements.element(i), Command.class)));
            } catch (MalformedRecordException e) {
                items.add(new Item.Unusable(String.valueOf(e.getMessage())));
            }
        }
        return new CommandRecord(envelope.v(), items);
    }

    private static JsonArrayScanner elements(byte[] value, MalformedRecordException wholeFailure)
            throws MalformedRecordException {
        try {
            return JsonArrayScanner.of(value, COMMANDS);
        } catch (MalformedRecordException e) {
            wholeFailure.addSuppressed(e);
            throw wholeFailure;
        }
    }

    static byte[] only(byte[] value, List<Integer> indexes) throws MalformedRecordException {
        return JsonArrayScanner.of(value, COMMANDS).with(indexes);
    }

    private static void check(int version) throws MalformedRecordException {
        LogCodec.check(version, LogCodec.COMMANDS_VERSION);
        if (version > LAST_VERSION) throw new MalformedRecordException("version " + version + " is not JSON");
    }
}
