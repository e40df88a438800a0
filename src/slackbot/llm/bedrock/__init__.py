"""Amazon Bedrock, by boto3's `converse_stream`.

Shapes, limits and error statuses are those of botocore's model of bedrock-runtime (2023-09-30).
"""

from slackbot.llm.bedrock.client import Account
from slackbot.llm.bedrock.provider import BedrockProvider

__all__ = ["Account", "BedrockProvider"]
