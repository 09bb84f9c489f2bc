package io.robustmq.meta.raft;

import io.robustmq.core.error.BrokerError;
import io.robustmq.core.meta.MetaImage;
import io.robustmq.core.meta.MetaReply;
import io.robustmq.core.meta.QuorumChange;
import io.robustmq.core.meta.QuorumImage;
import io.robustmq.meta.machine.QuorumPlanner;
import io.robustmq.meta.raft.EntryPlanner.Entry;
import io.robustmq.meta.raft.EntryPlanner.Way;
import io.robustmq.meta.store.StoreDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings this node among the members of the log, and changes who they are. {@link #prepare} is called by the starting thread;
 * the rest runs, one task at a time, in a thread of its own.
 */
public final class QuorumService implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(QuorumService.class);
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(300);
    private static final int ATTEMPTS = 10;
    private static final int SAID_EVERY = 30;
    /** Beside the log while this node is on its way into the cluster: what is there then is worth nothing. */
    private static final String MARKER = "joining";
    /** Beside the state of a node that is to vote and does not yet, whatever becomes of it meanwhile. */
    private static final String VOTES = "votes";

    private final RaftSettings settings;
    private final Path stateDirectory;
    private final Supplier<MetaImage> image;
    private final QuorumClient client;
    private final ExecutorService thread;
    private volatile @Nullable RaftTls tls;
    private volatile boolean closed;

    /**
     * How the log is started.
     *
     * @param follows without a vote, whatever the configuration says
     * @param joins the members do not know this node yet
     * @param votes once it has joined
     */
    public record Start(RaftLayout layout, boolean follows, boolean joins, boolean votes) {}

    /** @param stateDirectory of what the log leads to */
    public QuorumService(RaftSettings settings, Path stateDirectory, Supplier<MetaImage> image) {
        this.settings = settings;
        this.stateDirectory = stateDirectory;
        this.image = image;
        this.client = new QuorumClient(settings);
        this.thread = Executors.newSingleThreadExecutor(task -> {
            Thread worker = new Thread(task, "meta-quorum-" + settings.nodeId());
            worker.setDaemon(true);
            return worker;
        });
    }

    /** Before {@link #prepare}: members are spoken to encrypted. */
    public void secureBy(RaftTls with) {
        tls = with;
        client.secureBy(with);
    }

    /** Finds this node's cluster, which takes as long as there is none. Throws when closed meanwhile. */
    public Start prepare() throws IOException {
        Path marker = settings.directory().resolve(MARKER);
        if (Files.exists(marker)) {
            log.info("node={} had not joined its cluster yet and begins anew", settings.nodeId());
            StoreDirectory.delete(stateDirectory);
            StoreDirectory.delete(settings.directory());
        }
        Optional<RaftLayout> stored = RaftLayout.stored(settings.directory());
        if (stored.isPresent()) {
            return new Start(stored.get(), false, false, isToVote());
        }
        if (settings.isAlone()) {
            return founder();
        }
        BlankServer blank = BlankServer.start(settings, tls);
        try {
            return find(marker);
        } finally {
            blank.close();
        }
    }

    private Start founder() {
        return new Start(RaftLayout.founding(settings.directory(), settings.voters()), false, false, true);
    }

    private Start find(Path marker) throws IOException {
        for (int attempt = 0; !closed; attempt++) {
            Looked looked = client.look();
            Entry entry = EntryPlanner.plan(settings, looked);
            Found cluster = entry.found();
            if (entry.way() == Way.FORM) {
                return founder();
            }
            if (cluster != null && entry.votes()) {
                // The cluster forgets it as soon as it is taken out.
                rememberToVote();
            }
            if (cluster != null && (entry.way() == Way.FOLLOW || takenOut(cluster))) {
                Files.createDirectories(settings.directory());
                Files.writeString(marker, cluster.groupId().toString());
                return new Start(new RaftLayout(settings.directory(), cluster.groupId()), true, true, isToVote());
            }
            if (attempt % SAID_EVERY == 0) {
                log.info(
                        "node={} looks for its cluster at {}, of which {} know of none",
                        settings.nodeId(),
                        settings.voters(),
                        looked.ignorant());
            }
            pause();
        }
        throw new IOException("this node is stopping");
    }

    private Path note() {
        return stateDirectory.resolveSibling(VOTES);
    }

    private boolean isToVote() {
        return Files.exists(note());
    }

    private void rememberToVote() throws IOException {
        if (!isToVote()) {
            Files.createDirectories(note().toAbsolutePath().getParent());
            StoreDirectory.replace(note(), new byte[0]);
        }
    }

    private void forgetToVote() {
        try {
            Files.deleteIfExists(note());
        } catch (IOException e) {
            log.warn("node={} would ask for a vote at its next start: {}", settings.nodeId(), String.valueOf(e));
        }
    }

    /** What it had promised is forgotten: it may take no part in anything before it is a new member. */
    private boolean takenOut(Found cluster) {
        QuorumImage present = cluster.quorum();
        Set<Integer> voters = new HashSet<>(present.voters().keySet());
        Set<Integer> observers = new HashSet<>(present.observers().keySet());
        voters.remove(settings.nodeId());
        observers.remove(settings.nodeId());
        try {
            client.change(cluster.groupId(), present, voters, observers, addresses(present));
            log.info("node={} was known to the cluster and has lost its log; it comes back as new", settings.nodeId());
            return true;
        } catch (IOException e) {
            log.warn("node={} waits to be taken out of the voters: {}", settings.nodeId(), String.valueOf(e));
            return false;
        }
    }

    /**
     * From now on this node is to be a member.
     *
     * @param failed is told why it cannot be
     */
    public void enter(RaftLogService members, Start start, Consumer<String> failed) {
        if (start.joins()) {
            thread.execute(() -> join(members, start));
        } else if (!settings.isAlone()) {
            thread.execute(() -> {
                if (isMember(start, failed)) {
                    vote(members, start);
                }
            });
        }
    }

    private void join(RaftLogService members, Start start) {
        boolean known = false;
        while (!closed && !known) {
            pause();
            List<Found> clusters = client.look().clusters();
            known = !clusters.isEmpty()
                    && clusters.stream().allMatch(each -> each.quorum().contains(settings.nodeId()));
            for (Found cluster : known ? List.<Found>of() : clusters) {
                QuorumImage present = cluster.quorum();
                Set<Integer> observers = new HashSet<>(present.observers().keySet());
                if (!present.contains(settings.nodeId()) && observers.add(settings.nodeId())) {
                    tryChange(start, present, present.voters().keySet(), observers);
                }
            }
        }
        if (closed) {
            return;
        }
        try {
            Files.deleteIfExists(settings.directory().resolve(MARKER));
        } catch (IOException e) {
            log.warn("node={} would begin anew at its next start: {}", settings.nodeId(), String.valueOf(e));
        }
        vote(members, start);
    }

    private void vote(RaftLogService members, Start start) {
        if (!start.votes()) {
            return;
        }
        while (!closed && !members.quorum().voters().containsKey(settings.nodeId())) {
            QuorumImage present = members.quorum();
            Set<Integer> voters = new HashSet<>(present.voters().keySet());
            Set<Integer> observers = new HashSet<>(present.observers().keySet());
            voters.add(settings.nodeId());
            observers.remove(settings.nodeId());
            if (present.contains(settings.nodeId())) {
                tryChange(start, present, voters, observers);
            }
            pause();
        }
        if (!closed) {
            forgetToVote();
        }
    }

    private void tryChange(Start start, QuorumImage present, Set<Integer> voters, Set<Integer> observers) {
        try {
            client.change(start.layout().groupId, present, voters, observers, addresses(present));
        } catch (IOException e) {
            log.info("node={} is not a member yet: {}", settings.nodeId(), String.valueOf(e));
        }
    }

    /** One that was removed while it was away is told by nobody. */
    private boolean isMember(Start start, Consumer<String> failed) {
        List<Found> found = client.look().clusters().stream()
                .filter(each -> each.groupId().equals(start.layout().groupId))
                .toList();
        boolean removed = !found.isEmpty()
                && found.stream().noneMatch(each -> each.quorum().contains(settings.nodeId()));
        if (removed) {
            failed.accept("node " + settings.nodeId()
                    + " was removed from the cluster; empty its data directory to let it join again");
        }
        return !removed;
    }

    /** As {@link io.robustmq.core.port.MetaQuorum#change}. */
    public CompletableFuture<MetaReply> change(QuorumChange change, RaftLogService members, RaftLayout layout) {
        return CompletableFuture.supplyAsync(() -> changed(change, members, layout), thread);
    }

    private MetaReply changed(QuorumChange change, RaftLogService members, RaftLayout layout) {
        String reason = "";
        QuorumPlanner.Plan tried = null;
        for (int attempt = 0; attempt < ATTEMPTS && !closed; attempt++) {
            QuorumImage present = members.quorum();
            if (tried != null && isReached(tried, present)) {
                // A leader that was deposed does not know that the next one went on with it.
                log.info("meta action={} node={} was done all the same", change.kind(), change.node());
                return new MetaReply.Done();
            }
            QuorumPlanner.Plan plan = QuorumPlanner.plan(change, present, image.get());
            if (!plan.refusal().isEmpty()) {
                return new MetaReply.Refused(BrokerError.INVALID_REQUEST, plan.refusal());
            }
            tried = plan;
            try {
                if (plan.successor() != QuorumPlanner.NOBODY) {
                    client.lead(layout.groupId, present, plan.successor());
                }
                client.change(layout.groupId, present, plan.voters(), plan.observers(), addresses(present));
                log.info("meta action={} node={}", change.kind(), change.node());
                awaitSeen(members, plan);
                return new MetaReply.Done();
            } catch (IOException e) {
                reason = String.valueOf(e);
                log.info("meta action={} node={} waits: {}", change.kind(), change.node(), reason);
            }
            pause();
        }
        return new MetaReply.Refused(BrokerError.REQUEST_TIMED_OUT, reason);
    }

    private void awaitSeen(RaftLogService members, QuorumPlanner.Plan plan) {
        for (int attempt = 0; attempt < ATTEMPTS && !closed; attempt++) {
            if (isReached(plan, members.quorum())) {
                return;
            }
            pause();
        }
    }

    private static boolean isReached(QuorumPlanner.Plan plan, QuorumImage present) {
        return present.voters().keySet().equals(plan.voters())
                && present.observers().keySet().equals(plan.observers());
    }

    private Map<Integer, String> addresses(QuorumImage present) {
        Map<Integer, String> addresses = new HashMap<>(present.observers());
        addresses.putAll(present.voters());
        // What this node was told of the founders, and knows of itself, is newer than what the log has.
        settings.voters().forEach(voter -> addresses.replace(voter.id(), voter.address()));
        addresses.put(settings.nodeId(), settings.self().address());
        return addresses;
    }

    private static void pause() {
        LockSupport.parkNanos(PAUSE_NANOS);
    }

    /** Waiting ends, here and in {@link #prepare}. */
    @Override
    public void close() {
        closed = true;
        thread.shutdown();
    }
}
