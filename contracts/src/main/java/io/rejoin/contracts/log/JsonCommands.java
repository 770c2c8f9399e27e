package io.rejoin.contracts.log;

import io.rejoin.contracts.log.CommandRecord.Item;
import java.util.ArrayList;
import java.util.List;

/**
 * Codec of command records before version 4: a JSON object with the version under {@code v} and a list under
 * {@code commands}. The topic keeps such records, so every later version must be able to read them. Readers ignore
 * unknown fields.
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
        } catch (MalformedRecordException whole) { // rare, so usually the whole record is read at once
            return commandByCommand(value, whole);
        }
    }

    private static CommandRecord commandByCommand(byte[] value, MalformedRecordException whole)
            throws MalformedRecordException {
        var elements = elements(value, whole);
        var envelope = LogCodec.read(elements.with(List.of()), Commands.class);
        check(envelope.v());
        if (!envelope.commands().isEmpty()) throw whole;
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

    private static JsonArrayScanner elements(byte[] value, MalformedRecordException whole)
            throws MalformedRecordException {
        try {
            return JsonArrayScanner.of(value, COMMANDS);
        } catch (MalformedRecordException e) {
            whole.addSuppressed(e);
            throw whole;
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
