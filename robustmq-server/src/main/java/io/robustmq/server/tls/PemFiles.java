package io.robustmq.server.tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;

/** Certificates and keys as PEM. Stateless. */
final class PemFiles {
    private static final Pattern KEY =
            Pattern.compile("-----BEGIN ((?:ENCRYPTED |RSA |EC )?PRIVATE KEY)-----([^-]*)-----END \\1-----");

    /** SEQUENCE { INTEGER 0, SEQUENCE { OID rsaEncryption, NULL }, OCTET STRING of what follows }, without lengths. */
    private static final byte[] RSA_ALGORITHM = {
        0x02,
        0x01,
        0x00,
        0x30,
        0x0D,
        0x06,
        0x09,
        0x2A,
        (byte) 0x86,
        0x48,
        (byte) 0x86,
        (byte) 0xF7,
        0x0D,
        0x01,
        0x01,
        0x01,
        0x05,
        0x00
    };

    private PemFiles() {}

    static List<Certificate> certificates(Path file) throws IOException, GeneralSecurityException {
        byte[] bytes = Files.readAllBytes(file);
        List<Certificate> certificates = List.copyOf(
                CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(bytes)));
        if (certificates.isEmpty()) {
            throw new GeneralSecurityException(file + " has no certificate");
        }
        return certificates;
    }

    static PrivateKey key(Path file, String password) throws IOException, GeneralSecurityException {
        Matcher found = KEY.matcher(Files.readString(file, StandardCharsets.US_ASCII));
        if (!found.find()) {
            throw new GeneralSecurityException(file + " has no private key");
        }
        byte[] bytes = Base64.getMimeDecoder().decode(found.group(2));
        return switch (found.group(1)) {
            case "ENCRYPTED PRIVATE KEY" -> decode(file, decrypt(bytes, password));
            case "RSA PRIVATE KEY" -> decode(file, new PKCS8EncodedKeySpec(wrapped(file, found.group(2), bytes)));
            case "EC PRIVATE KEY" ->
                throw new GeneralSecurityException(
                        file + " is of a form that is not read; openssl pkcs8 -topk8 -nocrypt makes it one that is");
            default -> decode(file, new PKCS8EncodedKeySpec(bytes));
        };
    }

    private static PrivateKey decode(Path file, PKCS8EncodedKeySpec spec) throws GeneralSecurityException {
        for (String algorithm : List.of("RSA", "EC", "EdDSA")) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(spec);
            } catch (InvalidKeySpecException e) {
                // Of another algorithm.
            }
        }
        throw new GeneralSecurityException(file + " has a key that is neither RSA nor EC nor EdDSA");
    }

    private static PKCS8EncodedKeySpec decrypt(byte[] bytes, String password)
            throws IOException, GeneralSecurityException {
        EncryptedPrivateKeyInfo encrypted = new EncryptedPrivateKeyInfo(bytes);
        String algorithm = encrypted.getAlgName();
        // PBES2 is a family; its parameters name the member.
        String member = algorithm.equals("PBES2") ? encrypted.getAlgParameters().toString() : algorithm;
        Key key = SecretKeyFactory.getInstance(member).generateSecret(new PBEKeySpec(password.toCharArray()));
        Cipher cipher = Cipher.getInstance(member);
        cipher.init(Cipher.DECRYPT_MODE, key, encrypted.getAlgParameters());
        return encrypted.getKeySpec(cipher);
    }

    private static byte[] wrapped(Path file, String text, byte[] key) throws GeneralSecurityException {
        if (text.contains("ENCRYPTED")) {
            throw new GeneralSecurityException(
                    file + " is encrypted in a form that is not read; openssl pkcs8 -topk8 makes it one that is");
        }
        byte[] octets = tagged(0x04, key);
        byte[] body = new byte[RSA_ALGORITHM.length + octets.length];
        System.arraycopy(RSA_ALGORITHM, 0, body, 0, RSA_ALGORITHM.length);
        System.arraycopy(octets, 0, body, RSA_ALGORITHM.length, octets.length);
        return tagged(0x30, body);
    }

    private static byte[] tagged(int tag, byte[] content) {
        int length = content.length;
        byte[] head = length < 0x80
                ? new byte[] {(byte) tag, (byte) length}
                : length < 0x100
                        ? new byte[] {(byte) tag, (byte) 0x81, (byte) length}
                        : new byte[] {(byte) tag, (byte) 0x82, (byte) (length >> 8), (byte) length};
        byte[] all = new byte[head.length + length];
        System.arraycopy(head, 0, all, 0, head.length);
        System.arraycopy(content, 0, all, head.length, length);
        return all;
    }
}
