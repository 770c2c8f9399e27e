package io.rejoin.history.api;

import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Status;
import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.HttpService;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.rejoin.contracts.replay.ReplayCodec;
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
 * 400 names the parameter that is wrong; 503 means that the same may succeed later.
 */
final class ReplayRoutes implements HttpService {
    private static final Logger log = LoggerFactory.getLogger(ReplayRoutes.class);

    private final Replays replays;

    ReplayRoutes(Replays replays) {
        this.replays = replays;
    }

    @Override
    public void routing(HttpRules rules) {
        rules.get(ReplayCodec.PATH, this::messages);
    }

    private void messages(ServerRequest request, ServerResponse response) throws InterruptedException {
        response.header(HeaderValues.CONTENT_TYPE_JSON);
        try {
            var query = ReplayParameters.parse(request.query().toMap());
            response.send(ReplayCodec.write(replays.answer(query)));
        } catch (BadParameterException e) {
            response.status(Status.BAD_REQUEST_400)
                    .send(ErrorBody.of("invalid_parameter", String.valueOf(e.getMessage())));
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

    private static void unavailable(ServerResponse response, String code, String message) {
        response.status(Status.SERVICE_UNAVAILABLE_503).header(HeaderNames.RETRY_AFTER, "1")
                .send(ErrorBody.of(code, message));
    }
}
