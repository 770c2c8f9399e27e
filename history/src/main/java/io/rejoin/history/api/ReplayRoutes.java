package io.rejoin.history.api;

import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Status;
import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.HttpService;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.rejoin.contracts.replay.ReplayCodec;
import io.rejoin.contracts.replay.ReplayPage;
import io.rejoin.history.store.StoreException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code GET /v1/messages}: a page of a room's messages, ascending, as a {@link io.rejoin.contracts.replay.ReplayPage}.
 *
 * <ul>
 * <li>{@code room}: the key, {@code tenant/name}
 * <li>{@code epoch}: the room's life; the latest if absent
 * <li>{@code after}: the first messages beyond this seq, up to {@code to} if given
 * <li>{@code before}: the last messages before this seq; with neither, the room's last ones
 * <li>{@code limit}: most messages, 1 to 500, by default 100
 * <li>{@code wait_ms}, with {@code to}: answers when {@code to} is stored or the page is full, at the latest after so many
 * milliseconds, at most 30,000
 * </ul>
 *
 * A page has fewer messages than there are also when more would not fit into {@link ReplayCodec#PAGE_BYTES}: {@code next} says
 * that there are more.
 *
 * 400 names the parameter that is wrong; 503 means that the same may succeed later.
 */
final class ReplayRoutes implements HttpService {
    private static final Logger log = LoggerFactory.getLogger(ReplayRoutes.class);

    private final Replays replays;
    private final Deadline sending;

    ReplayRoutes(Replays replays, Deadline sending) {
        this.replays = replays;
        this.sending = sending;
    }

    @Override
    public void routing(HttpRules rules) {
        rules.get(ReplayCodec.PATH, this::messages);
    }

    private void messages(ServerRequest request, ServerResponse response) throws InterruptedException {
        response.header(HeaderValues.CONTENT_TYPE_JSON);
        try {
            var query = ReplayParameters.parse(request.query().toMap());
            replays.answer(query, page -> send(response, page));
        } catch (BadParameterException e) {
            response.status(Status.BAD_REQUEST_400)
                    .send(ErrorBody.of("invalid_parameter", String.valueOf(e.getMessage())));
        } catch (Places.NoPlaceException _) {
            unavailable(response, "overloaded", "too many pages are read from this instance at once; try again");
        } catch (HeadWatch.TooManyWaitersException _) {
            unavailable(response, "overloaded", "too many requests wait at this instance; try again, or wait less");
        } catch (StoreException.Unavailable e) {
            log.atWarn().addKeyValue("cause", e).log("replay is not possible: PostgreSQL does not answer");
            unavailable(response, "unavailable", "history's database does not answer; try again");
        } catch (StoreException e) {
            log.atError().setCause(e).log("replay failed: the database is not as history set it up");
            response.status(Status.INTERNAL_SERVER_ERROR_500)
                    .send(ErrorBody.of("internal", "history cannot read its database; its log says why"));
        }
    }

    /** Returns when the client has it, or has not taken it in time and is cut off: it holds memory that others wait for. */
    private void send(ServerResponse response, ReplayPage page) {
        sending.run(() -> response.send(ReplayCodec.write(page)));
    }

    private static void unavailable(ServerResponse response, String code, String message) {
        response.status(Status.SERVICE_UNAVAILABLE_503).header(HeaderNames.RETRY_AFTER, "1")
                .send(ErrorBody.of(code, message));
    }
}
