# SPDX-License-Identifier: Apache-2.0
"""Asks the fault server as a stranger does: with boto3. `faultprobe.py SECTION URL KEY SECRET`; ends with 0 or a traceback."""
import base64, hashlib, json, sys, zlib
import boto3, botocore
from botocore.config import Config
from botocore.exceptions import ClientError

section, url, key, secret = sys.argv[1:5]


def client(service, secret=secret, **more):
    config = Config(retries={"max_attempts": 1, "mode": "standard"}, s3={"addressing_style": "path"}, **more)
    return boto3.client(service, endpoint_url=url, region_name="us-east-1", aws_access_key_id=key,
                        aws_secret_access_key=secret, config=config)


def refused(code, call, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        found = error.response["Error"]["Code"].removeprefix("AWS.SimpleQueueService.")
        assert found == code, f"{found} instead of {code}: {error}"
        return error.response
    raise AssertionError(f"{code} was expected, and it went well")


def s3():
    s = client("s3")
    s.create_bucket(Bucket="b")
    names = ["a b+c&d.nc", "dir/é.nc", "dir/e\u0301.nc", "x=1/(y)*'.nc", "//odd/./name", "\u0001ctl"]
    for name in names:
        s.put_object(Bucket="b", Key=name, Body=name.encode(), Metadata={"md5checksum": "abc"}, ChecksumAlgorithm="SHA256")
    got = s.get_object(Bucket="b", Key=names[0], ChecksumMode="ENABLED")
    assert got["Body"].read() == names[0].encode() and got["Metadata"] == {"md5checksum": "abc"}
    assert got["ChecksumSHA256"] == base64.b64encode(hashlib.sha256(names[0].encode()).digest()).decode()
    assert got["ETag"] == '"%s"' % hashlib.md5(names[0].encode()).hexdigest()
    part = s.get_object(Bucket="b", Key=names[0], Range="bytes=2-4")
    assert part["ResponseMetadata"]["HTTPStatusCode"] == 206 and part["Body"].read() == b"b+c"
    refused("InvalidRange", s.get_object, Bucket="b", Key=names[0], Range="bytes=100-")
    assert s.head_object(Bucket="b", Key=names[1])["ContentLength"] == len(names[1].encode())
    refused("NoSuchKey", s.get_object, Bucket="b", Key="none")
    refused("404", s.head_object, Bucket="b", Key="none")
    refused("NoSuchBucket", s.get_object, Bucket="none", Key="none")
    refused("PreconditionFailed", s.put_object, Bucket="b", Key=names[0], Body=b"", IfNoneMatch="*")
    refused("PreconditionFailed", s.get_object, Bucket="b", Key=names[0], IfMatch='"0"')
    refused("304", s.get_object, Bucket="b", Key=names[0], IfNoneMatch=got["ETag"])
    refused("PreconditionFailed", s.put_object, Bucket="b", Key=names[0], Body=b"", IfMatch='"0"')
    refused("PreconditionFailed", s.delete_object, Bucket="b", Key=names[0], IfMatch='"0"')
    for algorithm in ["CRC32", "CRC32C", "SHA1", "SHA256", "CRC64NVME"]:
        try:
            s.put_object(Bucket="b", Key=algorithm, Body=b"123456789", ChecksumAlgorithm=algorithm)
        except botocore.exceptions.MissingDependencyException:
            right = {"CRC32C": bytes.fromhex("e3069283"), "CRC64NVME": bytes.fromhex("ae8b14860a799888")}[algorithm]
            s.put_object(Bucket="b", Key=algorithm, Body=b"123456789", **{"Checksum" + algorithm: base64.b64encode(right).decode()})
        refused("BadDigest", s.put_object, Bucket="b", Key="wrong", Body=b"x", **{"Checksum" + algorithm: base64.b64encode(b"0" * {"SHA1": 20, "SHA256": 32, "CRC64NVME": 8}.get(algorithm, 4)).decode()})
    refused("BadDigest", s.put_object, Bucket="b", Key="wrong", Body=b"x", ContentMD5=base64.b64encode(b"0" * 16).decode())
    copied = s.copy_object(Bucket="b", Key="copy", CopySource={"Bucket": "b", "Key": names[0]})
    assert copied["CopyObjectResult"]["ETag"] == got["ETag"]
    deleted = s.delete_objects(Bucket="b", Delete={"Objects": [{"Key": "copy"}, {"Key": names[1]}]})
    assert len(deleted["Deleted"]) == 2
    s.delete_object(Bucket="b", Key=names[2])
    listed = [o["Key"] for o in s.list_objects_v2(Bucket="b")["Contents"]]
    assert set(names) - set(listed) == {names[1], names[2]}, listed


def s3listing():
    s = client("s3")
    s.create_bucket(Bucket="l")
    keys = sorted(f"{d}/{n:03d} +é.nc" for d in ["a", "b", "b.c", "c"] for n in range(40))
    for name in keys:
        s.put_object(Bucket="l", Key=name, Body=b"")
    byte_order = sorted(keys, key=lambda k: k.encode())
    for size in [1, 7, 40, 1000]:
        pages = s.get_paginator("list_objects_v2").paginate(Bucket="l", PaginationConfig={"PageSize": size})
        assert [o["Key"] for p in pages for o in p.get("Contents", [])] == byte_order
    for size in [1, 2, 1000]:
        pages = s.get_paginator("list_objects_v2").paginate(Bucket="l", Delimiter="/", PaginationConfig={"PageSize": size})
        assert [o["Prefix"] for p in pages for o in p.get("CommonPrefixes", [])] == ["a/", "b.c/", "b/", "c/"]
    below = s.list_objects_v2(Bucket="l", Prefix="b/", StartAfter=keys[-1].replace("c/", "b/").replace("039", "030"))
    assert below["KeyCount"] == 9, below["KeyCount"]
    s.put_bucket_versioning(Bucket="l", VersioningConfiguration={"Status": "Enabled"})
    one = s.put_object(Bucket="l", Key="v", Body=b"1")["VersionId"]
    s.put_object(Bucket="l", Key="v", Body=b"2")
    assert s.get_object(Bucket="l", Key="v")["Body"].read() == b"2"
    assert s.get_object(Bucket="l", Key="v", VersionId=one)["Body"].read() == b"1"
    s.delete_object(Bucket="l", Key="v")
    refused("NoSuchKey", s.get_object, Bucket="l", Key="v")
    versions = s.list_object_versions(Bucket="l", Prefix="v")
    assert len(versions["Versions"]) == 2 and versions["DeleteMarkers"][0]["IsLatest"]


def s3multipart():
    s = client("s3")
    s.create_bucket(Bucket="m")
    big, small = b"a" * (5 << 20), b"b" * 1000
    up = s.create_multipart_upload(Bucket="m", Key="big", ChecksumAlgorithm="SHA256", Metadata={"sha256": "x"})["UploadId"]
    parts = [dict(ETag=p["ETag"], ChecksumSHA256=p["ChecksumSHA256"], PartNumber=n) for n, p in
             [(n, s.upload_part(Bucket="m", Key="big", UploadId=up, PartNumber=n, Body=body, ChecksumAlgorithm="SHA256"))
              for n, body in [(1, big), (2, small)]]]
    assert [p["Size"] for p in s.list_parts(Bucket="m", Key="big", UploadId=up)["Parts"]] == [5 << 20, 1000]
    assert s.list_multipart_uploads(Bucket="m")["Uploads"][0]["UploadId"] == up
    refused("InvalidPart", s.complete_multipart_upload, Bucket="m", Key="big", UploadId=up, MultipartUpload={"Parts": [{**parts[0], "ETag": "0"}]})
    refused("InvalidPartOrder", s.complete_multipart_upload, Bucket="m", Key="big", UploadId=up, MultipartUpload={"Parts": parts[::-1]})
    refused("InvalidRequest", s.complete_multipart_upload, Bucket="m", Key="big", UploadId=up, MultipartUpload={"Parts": [{k: p[k] for k in ["ETag", "PartNumber"]} for p in parts]})
    done = s.complete_multipart_upload(Bucket="m", Key="big", UploadId=up, MultipartUpload={"Parts": parts}, IfNoneMatch="*")
    md5 = hashlib.md5(b"".join(hashlib.md5(p).digest() for p in [big, small])).hexdigest()
    sha = base64.b64encode(hashlib.sha256(b"".join(hashlib.sha256(p).digest() for p in [big, small])).digest()).decode()
    assert done["ETag"] == f'"{md5}-2"' and done["ChecksumSHA256"] == f"{sha}-2", done
    head = s.head_object(Bucket="m", Key="big", ChecksumMode="ENABLED")
    assert head["ChecksumType"] == "COMPOSITE" and head["Metadata"] == {"sha256": "x"} and head["ContentLength"] == (5 << 20) + 1000
    up = s.create_multipart_upload(Bucket="m", Key="big")["UploadId"]
    tiny = [dict(ETag=s.upload_part(Bucket="m", Key="big", UploadId=up, PartNumber=n, Body=small)["ETag"], PartNumber=n) for n in [1, 2]]
    refused("EntityTooSmall", s.complete_multipart_upload, Bucket="m", Key="big", UploadId=up, MultipartUpload={"Parts": tiny})
    refused("PreconditionFailed", s.complete_multipart_upload, Bucket="m", Key="big", UploadId=up, MultipartUpload={"Parts": tiny[:1]}, IfNoneMatch="*")
    s.abort_multipart_upload(Bucket="m", Key="big", UploadId=up)
    refused("NoSuchUpload", s.abort_multipart_upload, Bucket="m", Key="big", UploadId=up)
    assert "Uploads" not in s.list_multipart_uploads(Bucket="m")
    whole = zlib.crc32(big + small).to_bytes(4, "big")
    up = s.create_multipart_upload(Bucket="m", Key="full", ChecksumAlgorithm="CRC32", ChecksumType="FULL_OBJECT")["UploadId"]
    parts = [dict(ETag=s.upload_part(Bucket="m", Key="full", UploadId=up, PartNumber=n, Body=b, ChecksumAlgorithm="CRC32")["ETag"], PartNumber=n) for n, b in [(1, big), (2, small)]]
    refused("BadDigest", s.complete_multipart_upload, Bucket="m", Key="full", UploadId=up, MultipartUpload={"Parts": parts}, ChecksumCRC32="AAAAAA==", ChecksumType="FULL_OBJECT")
    done = s.complete_multipart_upload(Bucket="m", Key="full", UploadId=up, MultipartUpload={"Parts": parts}, ChecksumCRC32=base64.b64encode(whole).decode(), ChecksumType="FULL_OBJECT")
    assert done["ChecksumCRC32"] == base64.b64encode(whole).decode()


def refusals():
    s = client("s3", secret="wrong")
    refused("SignatureDoesNotMatch", s.create_bucket, Bucket="b")
    refused("InvalidSignatureException", client("sqs", secret="wrong").create_queue, QueueName="q")
    refused("SignatureDoesNotMatch", client("sns", secret="wrong").create_topic, Name="t")
    refused("InvalidSignatureException", client("kinesis", secret="wrong").create_stream, StreamName="s", ShardCount=1)
    refused("AccessDenied", client("s3", signature_version=botocore.UNSIGNED).create_bucket, Bucket="b")
    import urllib.request, urllib.error
    good = client("s3")
    good.create_bucket(Bucket="b")
    good.put_object(Bucket="b", Key="é a", Body=b"hello")
    asked = client("s3", signature_version="s3v4").generate_presigned_url("get_object", Params={"Bucket": "b", "Key": "é a"}, ExpiresIn=60)
    assert urllib.request.urlopen(asked).read() == b"hello"
    for wrong in [asked.replace("Expires=60", "Expires=61"), asked[:-1] + ("0" if asked[-1] != "0" else "1")]:
        try:
            urllib.request.urlopen(wrong)
            raise AssertionError("a wrong presigned address went well")
        except urllib.error.HTTPError as error:
            assert error.code == 403


def skewed():
    refused("RequestTimeTooSkewed", client("s3").create_bucket, Bucket="b")
    refused("InvalidSignatureException", client("sqs").create_queue, QueueName="q")
    refused("SignatureDoesNotMatch", client("sns").create_topic, Name="t")
    refused("InvalidSignatureException", client("kinesis").create_stream, StreamName="s", ShardCount=1)


def sqs():
    q = client("sqs")
    dead = q.create_queue(QueueName="dead")["QueueUrl"]
    arn = q.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    main = q.create_queue(QueueName="main", Attributes={"RedrivePolicy": json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 2})})["QueueUrl"]
    assert q.get_queue_url(QueueName="main")["QueueUrl"] == main
    refused("NonExistentQueue", q.get_queue_url, QueueName="none")
    q.send_message(QueueUrl=main, MessageBody="hällo", MessageAttributes={"trace": {"DataType": "String", "StringValue": "x"}})
    got = q.receive_message(QueueUrl=main, MaxNumberOfMessages=10, AttributeNames=["All"], MessageAttributeNames=["All"])["Messages"]
    assert got[0]["Body"] == "hällo" and got[0]["MessageAttributes"]["trace"]["StringValue"] == "x" and got[0]["Attributes"]["ApproximateReceiveCount"] == "1"
    assert "Messages" not in q.receive_message(QueueUrl=main)
    q.change_message_visibility(QueueUrl=main, ReceiptHandle=got[0]["ReceiptHandle"], VisibilityTimeout=0)
    refused("MessageNotInflight", q.change_message_visibility, QueueUrl=main, ReceiptHandle=got[0]["ReceiptHandle"], VisibilityTimeout=5)
    again = q.receive_message(QueueUrl=main, VisibilityTimeout=0)["Messages"]
    assert again[0]["MessageId"] == got[0]["MessageId"]
    assert "Messages" not in q.receive_message(QueueUrl=main)
    moved = q.receive_message(QueueUrl=dead)["Messages"]
    assert moved[0]["Body"] == "hällo"
    refused("ReceiptHandleIsInvalid", q.delete_message, QueueUrl=main, ReceiptHandle="garbage")
    q.change_message_visibility(QueueUrl=dead, ReceiptHandle=moved[0]["ReceiptHandle"], VisibilityTimeout=0)
    q.start_message_move_task(SourceArn=arn)
    back = q.receive_message(QueueUrl=main)["Messages"]
    q.delete_message(QueueUrl=main, ReceiptHandle=back[0]["ReceiptHandle"])
    q.delete_message(QueueUrl=main, ReceiptHandle=back[0]["ReceiptHandle"])
    sent = q.send_message_batch(QueueUrl=main, Entries=[{"Id": str(n), "MessageBody": f"m{n}"} for n in range(10)])
    assert len(sent["Successful"]) == 10
    got = q.receive_message(QueueUrl=main, MaxNumberOfMessages=10)["Messages"]
    assert [m["Body"] for m in got] == [f"m{n}" for n in range(10)]
    deleted = q.delete_message_batch(QueueUrl=main, Entries=[{"Id": str(n), "ReceiptHandle": m["ReceiptHandle"] if n else "bad"} for n, m in enumerate(got)])
    assert len(deleted["Successful"]) == 9 and deleted["Failed"][0]["Code"] == "ReceiptHandleIsInvalid"
    refused("BatchEntryIdsNotDistinct", q.send_message_batch, QueueUrl=main, Entries=[{"Id": "a", "MessageBody": "x"}] * 2)
    refused("TooManyEntriesInBatchRequest", q.send_message_batch, QueueUrl=main, Entries=[{"Id": str(n), "MessageBody": "x"} for n in range(11)])
    refused("BatchRequestTooLong", q.send_message_batch, QueueUrl=main, Entries=[{"Id": str(n), "MessageBody": "x" * 600_000} for n in range(2)])
    refused("InvalidParameterValue", q.send_message, QueueUrl=main, MessageBody="x" * 1_048_577)
    refused("InvalidMessageContents", q.send_message, QueueUrl=main, MessageBody="\u0001")
    fifo = q.create_queue(QueueName="f.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
    refused("MissingParameter", q.send_message, QueueUrl=fifo, MessageBody="1", MessageDeduplicationId="1")
    first = q.send_message(QueueUrl=fifo, MessageBody="1", MessageGroupId="g", MessageDeduplicationId="1")
    assert q.send_message(QueueUrl=fifo, MessageBody="1", MessageGroupId="g", MessageDeduplicationId="1")["MessageId"] == first["MessageId"]
    q.send_message(QueueUrl=fifo, MessageBody="2", MessageGroupId="g", MessageDeduplicationId="2")
    q.send_message(QueueUrl=fifo, MessageBody="3", MessageGroupId="h", MessageDeduplicationId="3")
    one = q.receive_message(QueueUrl=fifo)["Messages"]
    other = q.receive_message(QueueUrl=fifo, MaxNumberOfMessages=10)["Messages"]
    assert [m["Body"] for m in one + other] == ["1", "3"]


def sns():
    t, q = client("sns"), client("sqs")
    url = {n: q.create_queue(QueueName=n)["QueueUrl"] for n in ["raw", "wrapped"]}
    topic = t.create_topic(Name="topic")["TopicArn"]
    for name, raw in [("raw", "true"), ("wrapped", "false")]:
        t.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=f"arn:aws:sqs:us-east-1:000000000000:{name}", Attributes={"RawMessageDelivery": raw})
    sent = t.publish(TopicArn=topic, Message="hällo & <b>", MessageAttributes={"trace": {"DataType": "String", "StringValue": "x y"}})
    raw = q.receive_message(QueueUrl=url["raw"], MessageAttributeNames=["All"])["Messages"][0]
    assert raw["Body"] == "hällo & <b>" and raw["MessageAttributes"]["trace"]["StringValue"] == "x y"
    wrapped = json.loads(q.receive_message(QueueUrl=url["wrapped"])["Messages"][0]["Body"])
    assert wrapped["Message"] == "hällo & <b>" and wrapped["MessageId"] == sent["MessageId"] and wrapped["MessageAttributes"]["trace"]["Value"] == "x y"
    batch = t.publish_batch(TopicArn=topic, PublishBatchRequestEntries=[{"Id": str(n), "Message": f"m{n}"} for n in range(10)])
    assert len(batch["Successful"]) == 10 and batch["Failed"] == []
    refused("NotFound", t.publish, TopicArn=topic + "x", Message="x")
    refused("InvalidParameter", t.publish, TopicArn=topic, Message="x" * 262_145)
    fifo = t.create_topic(Name="t.fifo", Attributes={"FifoTopic": "true"})["TopicArn"]
    refused("InvalidParameter", t.publish, TopicArn=fifo, Message="x")
    ids = {t.publish(TopicArn=fifo, Message="x", MessageGroupId="g", MessageDeduplicationId="1")["MessageId"] for _ in range(2)}
    assert len(ids) == 1


def kinesis():
    k = client("kinesis")
    k.create_stream(StreamName="s", ShardCount=2)
    assert k.describe_stream(StreamName="s")["StreamDescription"]["StreamStatus"] == "ACTIVE"
    put = k.put_records(StreamName="s", Records=[{"PartitionKey": str(n), "Data": f"r{n}".encode()} for n in range(20)])
    assert put["FailedRecordCount"] == 0 and len(put["Records"]) == 20
    page = k.list_shards(StreamName="s", MaxResults=1)
    shards = [s["ShardId"] for p in [page, k.list_shards(NextToken=page["NextToken"])] for s in p["Shards"]]
    assert len(set(shards)) == 2
    refused("InvalidArgumentException", k.list_shards, StreamName="s", NextToken=page["NextToken"])

    def read(shard, **start):
        iterator = k.get_shard_iterator(StreamName="s", ShardId=shard, **(start or {"ShardIteratorType": "TRIM_HORIZON"}))["ShardIterator"]
        records = []
        while iterator:
            got = k.get_records(ShardIterator=iterator, Limit=3)
            records += got["Records"]
            if not got["Records"] and got["MillisBehindLatest"] == 0:
                break
            iterator = got.get("NextShardIterator")
        return records, iterator

    records = [r for s in shards for r in read(s)[0]]
    assert sorted(r["Data"] for r in records) == sorted(f"r{n}".encode() for n in range(20))
    first = read(shards[0])[0]
    assert read(shards[0], ShardIteratorType="AFTER_SEQUENCE_NUMBER", StartingSequenceNumber=first[0]["SequenceNumber"])[0] == first[1:]
    k.split_shard(StreamName="s", ShardToSplit=shards[0], NewStartingHashKey=str(1 << 125))
    listed = k.list_shards(StreamName="s")["Shards"]
    assert [s.get("ParentShardId") for s in listed] == [None, None, shards[0], shards[0]]
    assert "EndingSequenceNumber" in listed[0]["SequenceNumberRange"] and read(shards[0])[1] is None
    k.merge_shards(StreamName="s", ShardToMerge=listed[2]["ShardId"], AdjacentShardToMerge=listed[3]["ShardId"])
    assert k.list_shards(StreamName="s")["Shards"][4]["AdjacentParentShardId"] == listed[3]["ShardId"]
    refused("InvalidArgumentException", k.get_records, ShardIterator="garbage")
    refused("ResourceNotFoundException", k.put_record, StreamName="none", PartitionKey="1", Data=b"")
    refused("ValidationException", k.put_records, StreamName="s", Records=[{"PartitionKey": "1", "Data": b"x"}] * 501)


globals()[section]()
