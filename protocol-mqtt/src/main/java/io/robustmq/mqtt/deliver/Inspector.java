package io.robustmq.mqtt.deliver;

import io.robustmq.core.loop.Loop;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Looks into sessions for operators: each in the loop that has it, all of one loop together, but for those that are just leaving it.
 * Owned by the router's loop; the calls hand over to it.
 */
public final class Inspector {
    private final Router router;
    private final Loop loop;

    Inspector(Router router) {
        this.router = router;
        this.loop = router.loop();
    }

    /** From any thread: a page of sessions, in the order that was asked for. */
    public CompletableFuture<List<SessionInfo>> sessions(SessionInfo.Query query) {
        CompletableFuture<List<SessionInfo>> found = new CompletableFuture<>();
        loop.run(() -> look(query, candidates(query), found));
        return found;
    }

    /** From any thread: ends the client's connection; whether it had one. */
    public CompletableFuture<Boolean> kick(String clientId) {
        CompletableFuture<Boolean> done = new CompletableFuture<>();
        loop.run(() -> {
            Session session = router.sessions().find(clientId);
            if (session == null || !session.isLive()) {
                done.complete(false);
            } else {
                router.loopAt(session.loopIndex).run(() -> done.complete(session.kick()));
            }
        });
        return done;
    }

    private Collection<Session> candidates(SessionInfo.Query query) {
        if (!query.clientId().isEmpty()) {
            Session session = router.sessions().find(query.clientId());
            return session == null ? List.of() : List.of(session);
        }
        if (query.slowest()) {
            return router.sessions().all();
        }
        PriorityQueue<Session> lowest =
                new PriorityQueue<>((one, other) -> other.clientId().compareTo(one.clientId()));
        for (Session session : router.sessions().all()) {
            boolean isWanted = (session.isLive() || !query.connectedOnly())
                    && session.clientId().compareTo(query.after()) > 0;
            if (isWanted) {
                lowest.add(session);
                if (lowest.size() > query.max()) {
                    lowest.remove();
                }
            }
        }
        return lowest;
    }

    private void look(
            SessionInfo.Query query, Collection<Session> sessions, CompletableFuture<List<SessionInfo>> found) {
        Map<Integer, List<Session>> byLoop = new HashMap<>();
        List<Session> moving = new ArrayList<>(0);
        for (Session session : sessions) {
            if (session.moving != null) {
                moving.add(session);
            } else {
                byLoop.computeIfAbsent(session.loopIndex, i -> new ArrayList<>())
                        .add(session);
            }
        }
        Gathering gathering = new Gathering(query, byLoop.size() + moving.size(), found);
        byLoop.forEach((index, there) -> {
            Loop owner = index < 0 ? loop : router.loopAt(index);
            owner.execute(() -> {
                List<Session> leaving = new ArrayList<>(0);
                List<SessionInfo> infos = inspect(query, there, index < 0 ? null : owner, leaving);
                loop.run(() -> {
                    gathering.awaited += leaving.size();
                    leaving.forEach(session -> lookAlone(session, gathering));
                    gathering.add(infos);
                });
            });
        });
        moving.forEach(session -> lookAlone(session, gathering));
    }

    private void lookAlone(Session session, Gathering gathering) {
        router.sessions().inOwner(session, () -> {
            SessionInfo info = session.info();
            loop.run(() -> gathering.add(List.of(info)));
        });
    }

    /** What has come together of an answer. Owned by the router's loop. */
    private static final class Gathering {
        private final SessionInfo.Query query;
        private final CompletableFuture<List<SessionInfo>> found;
        private final List<SessionInfo> all = new ArrayList<>();
        private int awaited;

        Gathering(SessionInfo.Query query, int awaited, CompletableFuture<List<SessionInfo>> found) {
            this.query = query;
            this.awaited = awaited;
            this.found = found;
            if (awaited == 0) {
                found.complete(List.of());
            }
        }

        void add(List<SessionInfo> infos) {
            all.addAll(infos);
            awaited--;
            if (awaited == 0) {
                found.complete(ordered(query, all));
            }
        }
    }

    private static List<SessionInfo> inspect(
            SessionInfo.Query query, List<Session> there, @Nullable Loop owner, List<Session> leaving) {
        List<SessionInfo> infos = new ArrayList<>(Math.min(there.size(), query.max()));
        for (Session session : there) {
            if (session.loop() != owner) {
                leaving.add(session);
            } else {
                infos.add(session.info());
                if (infos.size() >= 2 * query.max()) {
                    infos = new ArrayList<>(ordered(query, infos));
                }
            }
        }
        return ordered(query, infos);
    }

    private static List<SessionInfo> ordered(SessionInfo.Query query, List<SessionInfo> infos) {
        return infos.stream()
                .filter(info -> info.link().connected() || !query.connectedOnly())
                .sorted(query.slowest() ? SessionInfo.SLOWEST : SessionInfo.BY_CLIENT)
                .limit(query.max())
                .toList();
    }
}
