package io.robustmq.server;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.conditions.ArchConditions.callMethodWhere;
import static com.tngtech.archunit.lang.conditions.ArchConditions.dependOnClassesThat;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.util.Set;

/** The directions the modules keep: see the conventions' five rules. */
@AnalyzeClasses(
        packages = "io.robustmq",
        importOptions = {ImportOption.DoNotIncludeTests.class, ArchitectureTest.DoNotIncludeTestJars.class})
class ArchitectureTest {
    /** Packages whose code must run the same way twice. */
    private static final String[] PURE = {
        "io.robustmq.core..", "io.robustmq..machine..", "io.robustmq..shard..", "io.robustmq..session.."
    };

    /** The two classes through which time and threads come in. */
    private static final String LOOP_DRIVER = "io\\.robustmq\\.core\\.loop\\.(NettyLoops?|SerialLoop)(\\$.*)?";

    private static final Set<String> BANNED_TYPES = Set.of(
            "java.lang.Thread",
            "java.lang.ProcessBuilder",
            "java.lang.Runtime",
            "java.time.Clock",
            "java.util.Random",
            "java.util.SplittableRandom",
            "java.util.Timer",
            "java.util.concurrent.ThreadLocalRandom",
            "java.util.concurrent.Executors",
            "java.util.concurrent.ThreadPoolExecutor",
            "java.util.concurrent.ScheduledThreadPoolExecutor",
            "java.util.concurrent.ForkJoinPool",
            "java.security.SecureRandom",
            "java.io.File",
            "java.io.FileInputStream",
            "java.io.FileOutputStream",
            "java.io.FileReader",
            "java.io.FileWriter",
            "java.io.RandomAccessFile",
            "java.nio.channels.FileChannel",
            "java.nio.channels.SocketChannel",
            "java.nio.channels.ServerSocketChannel",
            "java.nio.channels.DatagramChannel",
            "java.nio.channels.Selector",
            "java.net.Socket",
            "java.net.ServerSocket",
            "java.net.DatagramSocket");

    private static final Set<String> BANNED_CALLS = Set.of(
            "java.lang.System.currentTimeMillis",
            "java.lang.System.nanoTime",
            "java.lang.Math.random",
            "java.lang.StrictMath.random",
            "java.util.UUID.randomUUID",
            "java.util.Collections.shuffle");

    @ArchTest
    static final ArchRule siblingsDoNotMeet = slices().matching("io.robustmq.(*)..")
            .should()
            .notDependOnEachOther()
            .ignoreDependency(resideInAPackage("io.robustmq.server.."), resideInAPackage("io.robustmq.."))
            .ignoreDependency(
                    resideInAnyPackage(
                            "io.robustmq.storage..",
                            "io.robustmq.journal..",
                            "io.robustmq.meta..",
                            "io.robustmq.kafka..",
                            "io.robustmq.mqtt.."),
                    resideInAPackage("io.robustmq.core.."))
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule pureCodeUsesNoThreadFileOrSocket = noClasses()
            .that()
            .resideInAnyPackage(PURE)
            .and()
            .haveNameNotMatching(LOOP_DRIVER)
            .should(dependOnClassesThat(isBannedInPureCode()))
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule pureCodeReadsNoClockAndRollsNoDice = noClasses()
            .that()
            .resideInAnyPackage(PURE)
            .and()
            .haveNameNotMatching(LOOP_DRIVER)
            .should(callMethodWhere(describe("it reads a clock or a random source", ArchitectureTest::isBannedCall)))
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule channelsStayWithTheLogs = noClasses()
            .that()
            .resideOutsideOfPackages("..log..", "..flush..", "..store..", "io.robustmq.storage..")
            .should()
            .dependOnClassesThat(
                    // Netty's FileRegion.transferTo takes one: a type in a signature, not a channel we opened.
                    resideInAnyPackage("java.nio.channels..")
                            .and(describe("are not WritableByteChannel", c -> !c.getName()
                                    .equals("java.nio.channels.WritableByteChannel"))))
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule packagesHaveNoCycles =
            slices().matching("io.robustmq.(**)").should().beFreeOfCycles().allowEmptyShould(true);

    @ArchTest
    static final ArchRule namesSayWhatAClassIs = classes()
            .should()
            .haveNameNotMatching(
                    ".*[.$](\\w+(Impl|Manager|Util|Utils|Helper|Base)|(Impl|Manager|Util|Utils|Helper|Base)|Abstract\\w*)")
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule interfacesHaveNoLetterI = noClasses()
            .that()
            .areInterfaces()
            .should()
            .haveNameMatching(".*[.$]I[A-Z][a-z]\\w*")
            .allowEmptyShould(true);

    private static DescribedPredicate<JavaClass> isBannedInPureCode() {
        return describe(
                "are a clock, thread, file or socket",
                c -> BANNED_TYPES.contains(c.getName())
                        || c.getPackageName().equals("java.nio.file")
                        || (c.getPackageName().startsWith("io.netty.")
                                && !c.getPackageName().startsWith("io.netty.buffer")
                                && !c.getPackageName().startsWith("io.netty.util")
                                && !c.getName().equals("io.netty.channel.FileRegion")));
    }

    private static boolean isBannedCall(JavaMethodCall call) {
        String owner = call.getTargetOwner().getName();
        boolean readsTime = owner.startsWith("java.time.") && call.getName().equals("now");
        return readsTime || BANNED_CALLS.contains(owner + "." + call.getName());
    }

    /** Leaves out what one module's tests lend to another's. */
    static final class DoNotIncludeTestJars implements ImportOption {
        @Override
        public boolean includes(Location location) {
            return !location.contains("-tests.jar");
        }
    }
}
