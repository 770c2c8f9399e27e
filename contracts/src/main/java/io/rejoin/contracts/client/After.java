package io.rejoin.contracts.client;

/** The position after which a join asks for missed messages. */
public sealed interface After {
    /** After this seq, the last one that the client has; 0 for all messages. */
    record Seq(long seq) implements After {}

    /**
     * After the user's cursor: the last message that the user has acknowledged on any device. All messages if the user
     * has acknowledged none.
     */
    record Cursor() implements After {}

    /** At most the last {@code count} messages. */
    record Last(int count) implements After {}
}
