package io.rejoin.history.store;

import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.replay.StoredMessage;

/**
 * A message on its way into the table.
 *
 * @param content the JSON of the message's content, as the table keeps it
 */
public record MessageRow(RoomId room, long epoch, StoredMessage message, String content) {}
